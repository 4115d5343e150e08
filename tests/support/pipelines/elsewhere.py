"""What GitLab, Tekton and Jenkins run of the examples, as they run it.

* GitLab: `before_script` and `script` of a job and of what it extends, in one bash that ends at the first failure, with
  the variables of the file and of the project
* Jenkins: each `sh` is a shell of its own (`sh -xe`), in the workspace, with `environment` and the credentials
* Tekton: a step is its command and arguments, in which `$(params.x)` and `$(workspaces.x.path)` are replaced as texts

Sources: GitLab's "CI/CD YAML syntax reference", Jenkins' "Pipeline: Nodes and Processes", Tekton's "Variable
substitutions".
"""

import re
import subprocess
import textwrap

import yaml

from tests.support.places import ROOT

EXAMPLES = ROOT / "docs" / "examples"
GITLAB = EXAMPLES / "gitlab" / ".gitlab-ci.yml"
TEKTON = EXAMPLES / "tekton" / "verify-bundle.yaml"
JENKINS = EXAMPLES / "jenkins" / "Jenkinsfile"
_SHELL = re.compile(r"sh '''(.*?)'''", re.DOTALL)
_SET = re.compile(r"^ +([A-Z_]+) = '([^']*)'$", re.MULTILINE)
_REPLACED = re.compile(r"\$\(([^)]*)\)")


def ran(command, folder, variables):
    """The finished process; its error stream is in its output."""
    return subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def gitlab(job, folder, variables):
    """One job of the example, with the project's variables."""
    pipeline = yaml.safe_load(GITLAB.read_text())
    steps = pipeline[job]
    steps = pipeline[steps["extends"]] | steps
    script = "\n".join(["set -eo pipefail", *steps["before_script"], *steps["script"]])
    return ran(["bash", "-c", script], folder, {"CI_PROJECT_DIR": str(folder), **pipeline["variables"], **variables})


def jenkins(stage, folder, variables):
    """One `sh` of the example, by its place; what Groovy makes of the text is one backslash of two."""
    text = JENKINS.read_text()
    script = textwrap.dedent(_SHELL.findall(text)[stage]).replace("\\\\", "\\")
    return ran(["sh", "-xec", script], folder, {"WORKSPACE": str(folder), **dict(_SET.findall(text)), **variables})


def tekton(task, folder, params, variables, *, verify):
    """The one step of a task of the example; `verify` stands for the program in the image."""
    [found] = [each for each in yaml.safe_load_all(TEKTON.read_text()) if each["metadata"]["name"] == task]
    [step] = found["spec"]["steps"]
    known = {f"params.{each['name']}": each.get("default") for each in found["spec"]["params"]}
    known |= {f"params.{name}": value for name, value in params.items()}
    known["workspaces.source.path"] = str(folder)
    assert step["command"] == ["/opt/verifier/bin/verify"]
    arguments = [_REPLACED.sub(lambda match: known[match[1]], each) for each in step["args"]]
    given = {each["name"]: variables.get(each["name"], "") for each in step["env"]}
    return ran([str(verify), *arguments], folder, {"PATH": "/usr/bin:/bin", "HOME": str(folder), **given})
