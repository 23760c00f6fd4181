# The image that PrairieLearn runs; the question brings the grader and the assignment itself.
FROM python:3.12-slim
COPY question/tests/requirements.txt /requirements.txt
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu --requirement /requirements.txt
RUN echo /grade/tests/package > "$(python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/grader.pth"
