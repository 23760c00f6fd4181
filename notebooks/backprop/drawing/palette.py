"""The colours of figures, pictures, reports and the course map."""

# Okabe and Ito's palette: its colours stay apart in every common kind of colour blindness.
BLUE, VERMILLION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
INK, QUIET, FAINT, PAPER, PARAMETER = "#1a1a1a", "#7a7a7a", "#b8b8b8", "#ffffff", "#e6e6e6"
PLAIN = "#787878"  # for lines and text without paper behind them, on a white and on a dark page
