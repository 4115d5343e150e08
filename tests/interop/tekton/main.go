// tekton-check FILE...: whether Tekton's own types and validation accept each document, with no field unknown.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"knative.dev/pkg/apis"
	sigs "sigs.k8s.io/yaml"
)

type checked interface {
	SetDefaults(context.Context)
	Validate(context.Context) *apis.FieldError
}

func check(document []byte) error {
	var head struct{ APIVersion, Kind string }
	if err := sigs.Unmarshal(document, &head); err != nil {
		return err
	}
	if head.APIVersion != "tekton.dev/v1" {
		return fmt.Errorf("%q is no version of Tekton's that is checked here", head.APIVersion)
	}
	kinds := map[string]checked{"Task": &v1.Task{}, "Pipeline": &v1.Pipeline{}, "PipelineRun": &v1.PipelineRun{}, "TaskRun": &v1.TaskRun{}}
	object, known := kinds[head.Kind]
	if !known {
		return fmt.Errorf("%q is no kind that is checked here", head.Kind)
	}
	if err := sigs.UnmarshalStrict(document, object); err != nil {
		return err
	}
	object.SetDefaults(context.Background())
	if err := object.Validate(context.Background()); err != nil {
		return err
	}
	return nil
}

func main() {
	failed := false
	for _, name := range os.Args[1:] {
		content, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
		seen := 0
		for {
			document, err := reader.Read()
			if err == io.EOF {
				break
			}
			if err == nil {
				seen++
				err = check(document)
			}
			if err != nil {
				fmt.Printf("%s: document %d: %v\n", name, seen, err)
				failed = true
				break
			}
		}
		if seen == 0 {
			fmt.Printf("%s: no document\n", name)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
