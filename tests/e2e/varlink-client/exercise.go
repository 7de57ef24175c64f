package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"os"
	"time"

	"github.com/varlink/go/varlink"
)

const agentInterface = "org.signet.agent"

type key struct {
	ID               string   `json:"id"`
	Type             string   `json:"type"`
	PublicKeyInfo    string   `json:"public_key_info"`
	SignatureSchemes []string `json:"signature_schemes"`
}

type token struct {
	ID       string `json:"id"`
	Label    string `json:"label"`
	Unlocked bool   `json:"unlocked"`
	Keys     []key  `json:"keys"`
}

type inventory struct {
	Generation int     `json:"generation"`
	Tokens     []token `json:"tokens"`
}

type signature struct {
	Token  string `json:"token"`
	Key    string `json:"key"`
	Scheme string `json:"scheme"`
	Octets int    `json:"octets"`
}

type exerciseReport struct {
	Vendor          string             `json:"vendor"`
	Product         string             `json:"product"`
	Version         string             `json:"version"`
	Interfaces      []interfaceSummary `json:"interfaces"`
	Tokens          int                `json:"tokens"`
	Generation      int                `json:"generation"`
	WatchGeneration int                `json:"watch_generation"`
	Signatures      []signature        `json:"signatures"`
}

type agent struct {
	connection *varlink.Connection
	ctx        context.Context
}

func exercise() (interface{}, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	connection, err := varlink.NewConnection(ctx, "unix:"+os.Getenv("SIGNET_SOCKET"))
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	client := agent{connection, ctx}

	report := &exerciseReport{}
	steps := []struct {
		name string
		step func(*exerciseReport) error
	}{
		{"GetInfo", client.readInfo},
		{"GetInventory and Sign", client.signWithEveryKey},
		{"an unknown method", client.refusesAnUnknownMethod},
		{"an unknown interface", client.refusesAnUnknownInterface},
		{"an unknown parameter", client.refusesAnUnknownParameter},
		{"an unknown token", client.refusesAnUnknownToken},
		{"Watch", client.watch},
	}
	for _, each := range steps {
		if err := each.step(report); err != nil {
			return nil, fmt.Errorf("%s: %w", each.name, err)
		}
	}
	return report, nil
}

func (client agent) call(method string, parameters, reply interface{}) error {
	return client.connection.Call(client.ctx, agentInterface+"."+method, parameters, reply)
}

func (client agent) readInfo(report *exerciseReport) error {
	var interfaces []string
	err := client.connection.GetInfo(client.ctx, &report.Vendor, &report.Product, &report.Version, nil,
		&interfaces)
	if err != nil {
		return err
	}
	for _, name := range interfaces {
		description, err := client.connection.GetInterfaceDescription(client.ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		summary, err := parseDescription(description)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if summary.Name != name {
			return fmt.Errorf("%s describes itself as %s", name, summary.Name)
		}
		report.Interfaces = append(report.Interfaces, summary)
	}
	return nil
}

func (client agent) signWithEveryKey(report *exerciseReport) error {
	var found inventory
	if err := client.call("GetInventory", struct{}{}, &found); err != nil {
		return err
	}
	report.Tokens = len(found.Tokens)
	report.Generation = found.Generation
	for _, token := range found.Tokens {
		for _, key := range token.Keys {
			made, err := client.signWith(token, key)
			if err != nil {
				return fmt.Errorf("key %s on %s: %w", key.ID, token.Label, err)
			}
			report.Signatures = append(report.Signatures, made...)
		}
	}
	if len(report.Signatures) == 0 {
		return errors.New("no key to sign with")
	}
	return nil
}

func (client agent) signWith(token token, key key) ([]signature, error) {
	encoded, err := base64.StdEncoding.DecodeString(key.PublicKeyInfo)
	if err != nil {
		return nil, err
	}
	publicKey, err := x509.ParsePKIXPublicKey(encoded)
	if err != nil {
		return nil, err
	}
	made := []signature{}
	for _, scheme := range key.SignatureSchemes {
		if scheme == "eddsa" {
			continue // takes the whole message; the digest is what this client gives
		}
		octets, err := client.signAndVerify(token.ID, key.ID, scheme, publicKey)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", scheme, err)
		}
		made = append(made, signature{token.ID, key.ID, scheme, octets})
	}
	return made, nil
}

func (client agent) signAndVerify(tokenID, keyID, scheme string, publicKey interface{}) (int, error) {
	digest := sha256.Sum256([]byte("signed through a foreign Varlink library"))
	call := map[string]interface{}{
		"token": tokenID, "key": keyID, "scheme": scheme, "hash": "sha256",
		"digest": base64.StdEncoding.EncodeToString(digest[:]),
	}
	var reply struct {
		Signature string `json:"signature"`
	}
	if err := client.call("Sign", call, &reply); err != nil {
		return 0, err
	}
	octets, err := base64.StdEncoding.DecodeString(reply.Signature)
	if err != nil {
		return 0, err
	}
	return len(octets), verify(scheme, publicKey, digest[:], octets)
}

func verify(scheme string, publicKey interface{}, digest, signature []byte) error {
	switch public := publicKey.(type) {
	case *rsa.PublicKey:
		if scheme == "rsa_pss" {
			return rsa.VerifyPSS(public, crypto.SHA256, digest, signature, nil)
		}
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest, signature)
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		r := new(big.Int).SetBytes(signature[:half])
		s := new(big.Int).SetBytes(signature[half:])
		if !ecdsa.Verify(public, digest, r, s) {
			return errors.New("the signature is wrong")
		}
		return nil
	}
	return fmt.Errorf("cannot check a signature by a %T", publicKey)
}

func (client agent) refusesAnUnknownMethod(*exerciseReport) error {
	var refusal *varlink.MethodNotFound
	err := client.call("Explode", struct{}{}, nil)
	if !errors.As(err, &refusal) {
		return fmt.Errorf("expected MethodNotFound, got %v", err)
	}
	return nil
}

func (client agent) refusesAnUnknownInterface(*exerciseReport) error {
	var refusal *varlink.InterfaceNotFound
	err := client.connection.Call(client.ctx, "org.example.nothing.Method", struct{}{}, nil)
	if !errors.As(err, &refusal) {
		return fmt.Errorf("expected InterfaceNotFound, got %v", err)
	}
	return nil
}

func (client agent) refusesAnUnknownParameter(*exerciseReport) error {
	var refusal *varlink.InvalidParameter
	err := client.call("GetInventory", map[string]int{"colour": 1}, nil)
	if !errors.As(err, &refusal) {
		return fmt.Errorf("expected InvalidParameter, got %v", err)
	}
	if refusal.Parameter != "colour" {
		return fmt.Errorf("InvalidParameter names %q", refusal.Parameter)
	}
	return nil
}

func (client agent) refusesAnUnknownToken(*exerciseReport) error {
	var refusal *varlink.Error
	err := client.call("Unlock", map[string]string{"token": "none of these"}, nil)
	if !errors.As(err, &refusal) || refusal.Name != agentInterface+".TokenNotFound" {
		return fmt.Errorf("expected TokenNotFound, got %v", err)
	}
	return nil
}

// Watch answers at once; the connection is of no other use afterwards.
func (client agent) watch(report *exerciseReport) error {
	receive, err := client.connection.Send(client.ctx, agentInterface+".Watch", struct{}{}, varlink.More)
	if err != nil {
		return err
	}
	var reply struct {
		Generation int `json:"generation"`
	}
	flags, err := receive(client.ctx, &reply)
	if err != nil {
		return err
	}
	if flags&varlink.Continues == 0 {
		return errors.New("the first reply does not say that more follow")
	}
	report.WatchGeneration = reply.Generation
	return nil
}
