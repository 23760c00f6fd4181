"""The `backprop` command: lessons in a folder, JupyterLab, a check of the environment."""
