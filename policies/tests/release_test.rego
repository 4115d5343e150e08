package release_test

import data.release

good := {
	"bundle": {
		"revision": "1.4.0",
		"roots": ["authz", "roles"],
		"metadata": {},
		"files": [{"path": "authz/policy.rego", "size": 900}, {"path": "roles/data.json", "size": 400}],
		"modules": [{"path": "authz/policy.rego", "package": ["authz"], "builtins": ["startswith"], "analysed": true}],
	},
	"signers": [{"name": "release", "kind": "key"}],
	"reasons": [],
}

# What the rules deny in a good release with `change` in its place.
denials(change) := found if {
	document := with_change(good, change)
	found := release.deny with input.bundle as document.bundle
		with input.signers as document.signers
		with input.reasons as document.reasons
}

bundle(change) := {"bundle": with_change(good.bundle, change)}

module(change) := bundle({"modules": [with_change(good.bundle.modules[0], change)]})

with_change(value, change) := {key: object.get(change, key, kept) | some key, kept in value}

test_a_good_release_is_not_denied if denials({}) == set()

test_nobody_signed if denials({"signers": []}) == {"nobody has signed this release"}

test_every_root if {
	expected := {"the bundle claims every path: give its manifest roots of its own"}
	denials(bundle({"roots": [""]})) == expected
}

test_empty_revision if denials(bundle({"revision": ""})) == {"the revision is empty"}

test_no_revision if denials(bundle({"revision": null})) == {"the revision is empty"}

test_prerelease if {
	expected := {"revision 2.0.0-rc.1 is a pre-release, which only the edge channel takes"}
	denials(bundle({"revision": "2.0.0-rc.1"})) == expected
}

test_prerelease_on_the_edge_channel if {
	denials(bundle({"revision": "2.0.0-rc.1", "metadata": {"channel": "edge"}})) == set()
}

test_shipped_test if {
	expected := {"authz/policy_test.rego is a test and does not belong into a release"}
	denials(bundle({"files": [{"path": "authz/policy_test.rego", "size": 1}]})) == expected
}

test_key_material if {
	expected := {"authz/Release.PEM looks like key material"}
	denials(bundle({"files": [{"path": "authz/Release.PEM", "size": 1}]})) == expected
}

test_unanalysed_module if {
	denials(module({"analysed": false})) == {"authz/policy.rego could not be analysed"}
}

test_network_access if {
	expected := {
		"authz/policy.rego calls http.send: policies decide on their input alone",
		"authz/policy.rego calls net.lookup_ip_addr: policies decide on their input alone",
	}
	denials(module({"builtins": ["http.send", "net.lookup_ip_addr", "upper"]})) == expected
}

test_system_package if {
	expected := {"authz/policy.rego lies in package system, which configures OPA itself"}
	denials(module({"package": ["system", "authz"]})) == expected
}

test_unordered_release if {
	expected := {"releases are ordered: the trust policy must say where the version stands"}
	denials({"reasons": [{"code": "version.unchecked", "severity": "warning", "subject": "bundle:authz"}]}) == expected
}
