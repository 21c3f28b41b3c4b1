package pod

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Keys are those of one pod: that of the keeper inside, and that of the driver.
// They follow from the deployment's key and the pod's unique id, so that any
// replica of the driver knows them, and nothing has to be kept.
type Keys struct{ keeper, driver ed25519.PrivateKey }

// KeysOf gives the keys of a pod. Secret is 32 bytes.
func KeysOf(secret []byte, uid string) Keys {
	seed := func(whose string) ed25519.PrivateKey {
		sum := hmac.New(sha256.New, secret)
		fmt.Fprintf(sum, "%s of pod %s", whose, uid)
		return ed25519.NewKeyFromSeed(sum.Sum(nil))
	}
	return Keys{keeper: seed("keeper"), driver: seed("driver")}
}

// Given is what the keeper inside is told of the keys: its own, and the public
// half of the driver's.
func (k Keys) Given() (seed, driver []byte) {
	public, _ := k.driver.Public().(ed25519.PublicKey)
	return k.keeper.Seed(), public
}

// Client is for connections to the pod's keeper, and to nobody else.
func (k Keys) Client() (*tls.Config, error) {
	public, _ := k.keeper.Public().(ed25519.PublicKey)
	return mutual(k.driver, public)
}

// Server is for a keeper that speaks with its driver, and with nobody else.
func Server(seed, driver []byte) (*tls.Config, error) {
	if len(seed) != ed25519.SeedSize || len(driver) != ed25519.PublicKeySize {
		return nil, errors.New("the pod's keys are not 32 bytes each")
	}
	return mutual(ed25519.NewKeyFromSeed(seed), driver)
}

// mutual lets two talk that know each other's key. Their certificates say
// nothing but the key, so there is no authority to check them with.
func mutual(own ed25519.PrivateKey, other ed25519.PublicKey) (*tls.Config, error) {
	certificate, err := selfSigned(own)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate},
		ClientAuth:         tls.RequireAnyClientCert,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection compares the key itself
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) > 0 {
				if key, ok := state.PeerCertificates[0].PublicKey.(ed25519.PublicKey); ok && other.Equal(key) {
					return nil
				}
			}
			return errors.New("the other side has another key")
		},
	}, nil
}

func selfSigned(key ed25519.PrivateKey) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "workspace"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the pod's certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
