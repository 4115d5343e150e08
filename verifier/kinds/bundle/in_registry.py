"""A bundle that lies in a registry: what is signed beside it is the manifest that names it as its layer, or the index.

* the chain from what the reference stands for to these very bytes is held against every digest in it
* evidence about the bytes themselves counts as everywhere; what lies beside is about what the reference stands for
"""

from __future__ import annotations

from verifier.core.value import replace
from verifier.kinds.bundle.artifact import Bundle
from verifier.kinds.kind import Reading
from verifier.sources.chain import layer_of, require_layer, walk


def lying(bundle: Bundle, reading: Reading) -> Bundle:
    """`bundle` with what evidence may be about; raises `Refused` (`image.*`) where no chain leads to it."""
    subject = reading.resource_uri or reading.name
    if reading.whereabouts is not None:
        chain = reading.whereabouts.chain
        layer = layer_of(chain, subject=subject)
    elif reading.place is not None:
        chain, layer = walk(reading.place, reading.place.resolve())
    else:
        return bundle
    require_layer(bundle.content, layer, subject=subject)
    return replace(bundle, attested=(*chain.attested(), bundle.itself()), repository=chain.repository)
