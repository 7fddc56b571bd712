"""What a person can do with the campaign on the screen: the buttons, the questions, the form of an edit."""
