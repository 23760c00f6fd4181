"""What is said of difference quotients whose parentheses are missing."""

DIVISION_ORDER = "Python divides and multiplies from left to right. Put parentheses around what is below the line."
WHOLE_DIFFERENCE = "Division comes before subtraction. Put parentheses around the whole difference."
