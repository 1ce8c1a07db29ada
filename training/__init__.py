"""The bundled training stage: proof that a dataset trains."""
