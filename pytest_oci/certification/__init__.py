"""From a run to a certificate that a peer can recompute: the steps of the programme, one module each."""
