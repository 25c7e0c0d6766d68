"""Issues: how events come together, what is counted of them, what people did about them."""
