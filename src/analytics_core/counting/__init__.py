"""What is counted of audience rows and credits, as columns of whole numbers, and what is summed up of it."""
