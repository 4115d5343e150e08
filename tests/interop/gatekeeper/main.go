// Asks a provider for the keys that are given by Gatekeeper's own client, and prints what a template sees of the answer:
// gatekeeper-client URL CA CERTIFICATE KEY [KEYS...]
package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"os"

	"github.com/open-policy-agent/frameworks/constraint/pkg/apis/externaldata/unversioned"
	"github.com/open-policy-agent/frameworks/constraint/pkg/externaldata"
)

func main() {
	ca, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	pair, err := tls.LoadX509KeyPair(os.Args[3], os.Args[4])
	if err != nil {
		panic(err)
	}
	provider := &unversioned.Provider{}
	provider.Name = "verifier-images"
	provider.Spec.URL, provider.Spec.Timeout = os.Args[1], 10
	provider.Spec.CABundle = base64.StdEncoding.EncodeToString(ca)
	response, status, err := externaldata.DefaultSendRequestToProvider(context.Background(), provider, os.Args[5:], &pair)
	if err != nil {
		json.NewEncoder(os.Stdout).Encode(map[string]any{"error": err.Error()})
		return
	}
	json.NewEncoder(os.Stdout).Encode(externaldata.NewRegoResponse(status, response))
}
