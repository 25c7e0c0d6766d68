"""Files that people upload without a build tool, and the bundle that is made of them."""
