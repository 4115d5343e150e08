package authz_test

import data.authz

test_admin_may_delete_anything if {
	authz.allow with input.user as "alice" with input.action as "delete" with input.resource as "settings/quota"
}

test_editor_may_write_documents if {
	authz.allow with input.user as "bob" with input.action as "write" with input.resource as "documents/plan"
}

test_editor_may_not_write_settings if {
	not authz.allow with input.user as "bob" with input.action as "write" with input.resource as "settings/quota"
}

test_viewer_may_not_write if {
	not authz.allow with input.user as "carol" with input.action as "write" with input.resource as "documents/plan"
}

test_stranger_may_nothing if {
	not authz.allow with input.user as "mallory" with input.action as "read" with input.resource as "documents/plan"
}

test_nobody_may_nothing if {
	not authz.allow with input.user as null
}

test_a_path_that_climbs_is_not_covered if {
	not authz.allow with input.user as "carol" with input.action as "read" with input.resource as "documents/../settings/quota"
}

test_the_archive_is_frozen_even_for_admins if {
	not authz.allow with input.user as "alice" with input.action as "write" with input.resource as "documents/archive/2024"
}

test_a_frozen_resource_says_so if {
	"the resource is frozen" in authz.reasons with input.user as "alice" with input.action as "write" with input.resource as "documents/archive/2024"
}

test_a_missing_grant_says_so if {
	reasons := authz.reasons with input.user as "carol" with input.action as "write" with input.resource as "documents/plan"
	reasons == {"no role of the user grants this"}
}
