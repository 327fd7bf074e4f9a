"""The accounting API and `/connections`: Xero's manners in front of the rules."""
