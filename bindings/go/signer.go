package tlsock

// #include "callback.h"
import "C"

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"runtime/cgo"
	"unsafe"
)

// hashes are the digests by the library's names; none is for a key that takes the whole message.
var hashes = map[string]crypto.Hash{
	"":       0,
	"sha1":   crypto.SHA1,
	"sha224": crypto.SHA224,
	"sha256": crypto.SHA256,
	"sha384": crypto.SHA384,
	"sha512": crypto.SHA512,
}

// signWith has a key sign what a handshake asks for, as crypto/tls does.
func signWith(signer crypto.Signer, algorithm, digest string, data []byte) ([]byte, error) {
	var options crypto.SignerOpts = hashes[digest]
	if algorithm == "rsa_pss" {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hashes[digest]}
	}
	return signer.Sign(rand.Reader, data, options)
}

// signed is the signature of a signer, which is waited for as long as the handshake's context and the connection last.
func (r *record) signed(sign func() ([]byte, error)) (signature []byte, err error) {
	ctx, _ := r.life.lend()
	err = r.host(func(executor *executor) error {
		defer close(executor.over)
		made := make(chan []byte, 1)
		err := executor.call(ctx, func() error {
			signature, err := sign()
			made <- signature
			return err
		})
		if err == nil {
			signature = <-made
		}
		return err
	})
	return signature, err
}

//export tlsock_go_sign
func tlsock_go_sign(handle, owner C.uintptr_t, algorithm, digest *C.char, data *C.uint8_t, dataLen C.size_t,
	signature *C.uint8_t, size C.size_t, length *C.size_t, e **C.tlsock_error) C.int {
	signer, own := cgo.Handle(handle).Value().(crypto.Signer), new(record)
	if owner != 0 {
		own = cgo.Handle(owner).Value().(*record)
	}
	how, named := C.GoString(algorithm), C.GoString(digest)
	message := C.GoBytes(unsafe.Pointer(data), C.int(dataLen))
	made, err := own.signed(func() ([]byte, error) { return signWith(signer, how, named, message) })
	if err == nil {
		*length, err = fill("a signature", made, signature, size)
	}
	return own.told(err, e)
}

// fits tells whether the signer has the key of the certificate, as far as crypto/x509 knows that.
func (i *Identity) fits(signer crypto.Signer) error {
	certificates, err := i.Certificates()
	if err != nil {
		return err
	}
	x, err := certificates[0].X509()
	if err != nil {
		return nil
	}
	var public crypto.PublicKey
	err = isolated(func() error {
		public = signer.Public()
		return nil
	})
	if err != nil {
		failure := connError(StatusPanic, PhaseConfigure, textOf(err))
		failure.Cause = err
		return failure
	}
	key, ok := x.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || key.Equal(public) {
		return nil
	}
	failure := connError(StatusSSL, PhaseConfigure,
		"[X509: KEY_VALUES_MISMATCH] key values mismatch: the signer's key is not that of the first certificate of chain")
	failure.Library, failure.Reason = "X509", "KEY_VALUES_MISMATCH"
	return failure
}
