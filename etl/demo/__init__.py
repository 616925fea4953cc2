"""The sample world: six invented outlets over three weeks."""
