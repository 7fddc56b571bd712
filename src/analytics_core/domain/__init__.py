"""The words of the house: enums, campaign definitions, settings and errors. Imports nothing of ours."""
