"""Element maps: plain functions of a phase space point, one text for every number type; one file per topic."""
