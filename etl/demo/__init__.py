"""The demo and its sample world: six invented outlets over three weeks."""
