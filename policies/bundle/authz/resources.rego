# METADATA
# title: Resource patterns
# description: A pattern is a path, `**` for everything, or a path below which everything is meant
package authz.resources

covers("**", _)

covers(pattern, resource) if pattern == resource

covers(pattern, resource) if {
	endswith(pattern, "/**")
	startswith(resource, trim_suffix(pattern, "**"))
	not ".." in split(resource, "/")
}

frozen(resource) if startswith(resource, "documents/archive/")
