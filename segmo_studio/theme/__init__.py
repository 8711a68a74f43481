"""How the Studio looks: two sets of colours, one style sheet, icons and the font."""
