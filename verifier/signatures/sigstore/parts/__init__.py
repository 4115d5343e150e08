"""What a Sigstore bundle's proofs are verified with: by this program itself, or by the `sigstore` library."""
