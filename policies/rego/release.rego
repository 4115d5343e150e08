# Release rules for policy bundles: the organisation's own, over the evidence document (docs/evidence-document.md).
# Each member of `deny` refuses the release; there is no way to allow one. They are written in the subset of Rego that
# the embedded engine answers for (docs/rego.md), so that they are judged alike with and without an OPA.
package release

# What the trust policy already demands is not repeated here: signatures, versions, freshness.

deny contains "nobody has signed this release" if count(input.signers) == 0

deny contains "the bundle claims every path: give its manifest roots of its own" if "" in input.bundle.roots

deny contains "the revision is empty" if object.get(input.bundle, "revision", null) in {null, ""}

deny contains sprintf("revision %s is a pre-release, which only the edge channel takes", [input.bundle.revision]) if {
	is_string(input.bundle.revision)
	contains(input.bundle.revision, "-")
	not edge
}

deny contains sprintf("%s is a test and does not belong into a release", [file.path]) if {
	some file in input.bundle.files
	endswith(file.path, "_test.rego")
}

deny contains sprintf("%s looks like key material", [file.path]) if {
	some file in input.bundle.files
	some suffix in {".pem", ".key", ".p12", ".pfx", "id_rsa", "id_ed25519"}
	endswith(lower(file.path), suffix)
}

deny contains sprintf("%s could not be analysed", [module.path]) if {
	some module in input.bundle.modules
	not module.analysed
}

deny contains sprintf("%s calls %s: policies decide on their input alone", [module.path, builtin]) if {
	some module in input.bundle.modules
	some builtin in module.builtins
	reaches_out(builtin)
}

deny contains sprintf("%s lies in package system, which configures OPA itself", [module.path]) if {
	some module in input.bundle.modules
	module.package[0] == "system"
}

deny contains "releases are ordered: the trust policy must say where the version stands" if {
	some reason in input.reasons
	reason.code == "version.unchecked"
}

edge if input.bundle.metadata.channel == "edge"

reaches_out(builtin) if builtin in {"http.send", "opa.runtime"}

reaches_out(builtin) if startswith(builtin, "net.")
