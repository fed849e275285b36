"""The image VAE of faces: shape and texture in closed form, and networks that learn what these cannot say."""
