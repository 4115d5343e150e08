# METADATA
# title: Document service authorisation
# description: >-
#   May this user do this to that document? Deny unless a role grants it, and never on a frozen resource.
# entrypoint: true
package authz

import data.authz.resources

# METADATA
# description: The decision that the service asks for
default allow := false

allow if {
	granted
	not frozen
}

# METADATA
# description: Some role of the user grants the action on the resource
granted if {
	some role in data.roles.assignments[input.user]
	some grant in data.roles.grants[role]
	grant.action == input.action
	resources.covers(grant.resource, input.resource)
}

# METADATA
# description: Why a request is denied, for the service's log
reasons contains "no role of the user grants this" if not granted

reasons contains "the resource is frozen" if frozen

frozen if resources.frozen(input.resource)
