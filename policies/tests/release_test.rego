package release_test

import data.release

files := [{"path": "authz/policy.rego", "size": 900}, {"path": "roles/data.json", "size": 400}]

module := {"path": "authz/policy.rego", "package": ["authz"], "builtins": ["startswith"], "analysed": true}

signers := [{"name": "release", "kind": "key"}]

bundle(revision, roots) := {
	"revision": revision,
	"roots": roots,
	"metadata": {},
	"files": files,
	"modules": [module],
}

with_files(shipped) := {
	"revision": "1.4.0",
	"roots": ["authz"],
	"metadata": {},
	"files": shipped,
	"modules": [module],
}

with_module(package_path, builtins, analysed) := {
	"revision": "1.4.0",
	"roots": ["authz"],
	"metadata": {},
	"files": files,
	"modules": [{"path": "authz/policy.rego", "package": package_path, "builtins": builtins, "analysed": analysed}],
}

denials(document) := found if {
	found := release.deny with input.bundle as document with input.signers as signers with input.reasons as []
}

test_a_good_release_is_not_denied if denials(bundle("1.4.0", ["authz", "roles"])) == set()

test_nobody_signed if {
	document := bundle("1.4.0", ["authz"])
	found := release.deny with input.bundle as document with input.signers as [] with input.reasons as []
	found == {"nobody has signed this release"}
}

test_every_root if {
	expected := {"the bundle claims every path: give its manifest roots of its own"}
	denials(bundle("1.4.0", [""])) == expected
}

test_empty_revision if denials(bundle("", ["authz"])) == {"the revision is empty"}

test_no_revision if denials(bundle(null, ["authz"])) == {"the revision is empty"}

test_prerelease if {
	expected := {"revision 2.0.0-rc.1 is a pre-release, which only the edge channel takes"}
	found := release.deny with input.bundle as bundle("1.4.0", ["authz"])
		with input.bundle.revision as "2.0.0-rc.1"
		with input.signers as signers
		with input.reasons as []
	found == expected
}

test_prerelease_on_the_edge_channel if {
	document := bundle("2.0.0-rc.1", ["authz"])
	found := release.deny with input.bundle as document
		with input.bundle.metadata as {"channel": "edge"}
		with input.signers as signers
		with input.reasons as []
	found == set()
}

test_shipped_test if {
	expected := {"authz/policy_test.rego is a test and does not belong into a release"}
	denials(with_files([{"path": "authz/policy_test.rego", "size": 1}])) == expected
}

test_key_material if {
	expected := {"authz/Release.PEM looks like key material"}
	denials(with_files([{"path": "authz/Release.PEM", "size": 1}])) == expected
}

test_unanalysed_module if {
	denials(with_module(["authz"], [], false)) == {"authz/policy.rego could not be analysed"}
}

test_network_access if {
	expected := {
		"authz/policy.rego calls http.send: policies decide on their input alone",
		"authz/policy.rego calls net.lookup_ip_addr: policies decide on their input alone",
	}
	denials(with_module(["authz"], ["http.send", "net.lookup_ip_addr", "upper"], true)) == expected
}

test_system_package if {
	expected := {"authz/policy.rego lies in package system, which configures OPA itself"}
	denials(with_module(["system", "authz"], [], true)) == expected
}

test_unordered_release if {
	document := bundle("1.4.0", ["authz"])
	found := release.deny with input.bundle as document
		with input.signers as signers
		with input.reasons as [{"code": "version.unchecked", "severity": "warning", "subject": "bundle:authz"}]
	found == {"releases are ordered: the trust policy must say where the version stands"}
}
