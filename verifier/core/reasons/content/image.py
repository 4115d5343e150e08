"""Reason codes of images, and what is kept in registries like one."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided

IMAGE: tuple[ReasonCode, ...] = (
    error(
        "image.malformed",
        "a manifest or index is malformed",
        cause="It is not what the OCI image specification defines, was sent as another type than its own, or could be "
        "read as a manifest and as an index.",
        remedy="Push it again with `oras push` or another OCI client.",
        threat="T-208",
    ),
    error(
        "image.digest-mismatch",
        "a manifest or layer is not what its digest stands for",
        cause="The bytes differ from the digest by which they were asked for, or from what their descriptor says.",
        remedy="Do not use it; the registry, or something on the way to it, has changed it.",
        threat="T-201",
    ),
    error(
        "image.ambiguous-manifest",
        "the reference leads to several manifests",
        cause="It names an index, whose readers choose by platform; a bundle has one manifest, beside which "
        "there may be attestation manifests about it.",
        remedy="Name the manifest that is meant by its digest (@sha256:...), or push the bundle without an index; "
        "an image is `verify image`.",
        threat="T-208",
    ),
    error(
        "image.attestation-mismatch",
        "an attestation manifest in the index is not of the bundle's manifest",
        cause="It refers to another manifest, or has a platform as if it were something to run: what is left of "
        "the index is not what was built with it.",
        remedy="Build and push again, or name the bundle's manifest by its digest (@sha256:...).",
        threat="T-208",
    ),
    error(
        "image.no-bundle",
        "the image holds no bundle",
        cause="No layer is of the type that OPA takes for a bundle (application/vnd.oci.image.layer.v1.tar+gzip).",
        remedy="Push it with that type: `oras push REF bundle.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip`.",
    ),
    undecided(
        "image.unsupported",
        "the image is of a kind that is not judged",
        cause="A Docker schema 1 manifest, a layer of an unknown compression, or a Windows image where a Linux one was "
        "to be looked into: nothing of it can be decided.",
        remedy="Push it again with a current client, or leave out the rule that has to look into it.",
        threat="T-208",
    ),
    error(
        "image.platform-missing",
        "the index has no manifest for the platform",
        cause="The index that was verified lists none for the platform that was asked for.",
        remedy="Name a platform that it lists (the message does), or build for this one.",
        threat="T-208",
    ),
    error(
        "image.platform-ambiguous",
        "the index has several manifests for one platform",
        cause="Runtimes take the first, or the last, or whichever they like best: what would run is not decided.",
        remedy="Build the index again with one manifest a platform, or name the manifest by its digest.",
        threat="T-208",
    ),
    error(
        "image.platform-mismatch",
        "the index and the config speak of different platforms",
        cause="The index, or --platform, says that the manifest is for one platform, and the image's own config says "
        "another.",
        remedy="Ask for the platform that it is for, or build the index again from the images' configs (`crane index "
        "append`, `docker buildx build`).",
        threat="T-208",
    ),
    error(
        "image.ambiguous-reference",
        "the reference stands for several images",
        cause="The layout or archive has several images, or several of that name, and none is meant more than another.",
        remedy="Name the one that is meant: oci-layout:DIR:TAG, or @sha256:... behind it.",
        threat="T-208",
    ),
    undecided(
        "image.no-manifest",
        "the archive has no manifest that could be signed",
        cause="`docker save` before Docker 25, skopeo's and crane's archives drop the manifest: what is left has the "
        "digest of the config alone, which no signature is about.",
        remedy="Save it as an OCI layout (`skopeo copy ... oci-archive:FILE`, `crane pull --format oci`), or judge it "
        "in its registry.",
        threat="T-201",
    ),
    error(
        "image.layer-malformed",
        "a layer is not what its manifest and config say",
        cause="Its unpacked bytes have another digest than the config's diff_id, its compression is another than its "
        "type says, or something follows its end.",
        remedy="Build and push the image again; if it came from a registry, do not use it.",
        threat="T-201",
    ),
    error(
        "image.label-missing",
        "a label that the policy demands is missing or another",
        cause="`image.labels` names a label that the config does not have, or whose value does not fit.",
        remedy="Set the label when building (`--label NAME=VALUE`).",
        threat="T-219",
    ),
    undecided(
        "image.base-unknown",
        "the image's base is not known",
        cause="No image that was accepted under the rules that `image.base` names has the first layers of this one: it "
        "was built on another, or squashed.",
        remedy="Verify the base first (`verify image BASE --record`), name it by --base, or build on one.",
        threat="T-203",
    ),
    error(
        "image.base-untrusted",
        "the image's base is not one that is accepted",
        cause="What it is built on is known, and the rule for it denies it, or `image.base` does not list it.",
        remedy="Build on a base that the policy accepts.",
        threat="T-203",
    ),
    undecided(
        "image.not-inspected",
        "the policy asks what is in the image, and that was not looked into",
        cause="A rule asks for something that only the config or the layers tell, and they were not read to their end; "
        "or nobody could search them for secrets: the scanner is not installed, or ran out of time or memory.",
        remedy="Let it be read (--layers inspect), install the extra that the message names, or leave out the rule.",
        threat="T-201",
    ),
    error(
        "image.user-root",
        "the image runs as root",
        cause="Its config names no user, root, user 0, or a user that /etc/passwd maps to 0 or does not have.",
        remedy="Set a user (`USER 65532:65532`).",
        threat="T-203",
    ),
    error(
        "image.shell-present",
        "the image has a shell",
        cause="The final tree has an executable by the name of a shell, or a link to one.",
        remedy="Build on a base without one (distroless, scratch), or take `shells` out of the rule.",
        threat="T-203",
    ),
    error(
        "image.package-manager-present",
        "the image has a package manager",
        cause="The final tree has an executable by the name of one.",
        remedy="Build on a base without one, or take `package_managers` out of the rule.",
        threat="T-203",
    ),
    error(
        "image.setuid-file",
        "the image has files that run with another's rights",
        cause="Files with setuid or setgid, file capabilities, or a world-writable directory without sticky bit.",
        remedy="Remove them, or their bits (`chmod a-s`), in the layer that brings them.",
        threat="T-203",
    ),
    error(
        "image.device-file",
        "the image has device files",
        cause="A layer brings a character or block device: whoever unpacks it makes one.",
        remedy="Remove it: runtimes make the devices that a container needs.",
        threat="T-203",
    ),
    error(
        "image.secret",
        "the image holds a secret",
        cause="A layer, also one that a later layer deletes, or the config has what looks like a credential.",
        remedy="Revoke it: whoever pulled the image has it. Then build without it (build secrets, not ARG or COPY).",
        threat="T-215",
    ),
    error(
        "image.tag-moved",
        "the tag stands for another image than before",
        cause="The ledger knows another digest under this tag, and the rule says that tags do not move.",
        remedy='Release under a new tag; if the move is meant, say so in the rule (tags = "mutable").',
        threat="T-206",
    ),
)
