package tlsock

/*
#include "bytes.h"

static const char *text_at(const char *const *list, int at) { return list[at]; }
*/
import "C"

// VersionInfo is Python's OPENSSL_VERSION_INFO.
type VersionInfo struct{ Major, Minor, Fix, Patch, Status int }

// ASN1Object is the record behind Purpose. OID is "" for the few names that have none.
type ASN1Object struct {
	NID                      int
	ShortName, LongName, OID string
}

// DefaultVerifyPaths is where the default CAs are searched for. CAFile and CAPath are "" if they do not exist.
type DefaultVerifyPaths struct {
	CAFile, CAPath                  string
	OpenSSLCAFileEnv, OpenSSLCAFile string
	OpenSSLCAPathEnv, OpenSSLCAPath string
}

// Version is the version of the running library, such as "0.1.0".
func Version() string { return C.GoString(C.tlsock_version()) }

// Has tells whether the OpenSSL in use has a feature.
func Has(feature Feature) bool { return bool(C.tlsock_has(C.int(feature))) }

// ChannelBindingTypes are the supported types of channel binding. Python: CHANNEL_BINDING_TYPES
func ChannelBindingTypes() []string {
	var types []string
	list := C.tlsock_channel_binding_types()
	for i := C.int(0); ; i++ {
		text := C.text_at(list, i)
		if text == nil {
			return types
		}
		types = append(types, C.GoString(text))
	}
}

// Backend tells which library does the work: "openssl", or "aws-lc" in a build with that in its place.
func Backend() string { return C.GoString(C.tlsock_backend()) }

// OpenSSLVersion is the version text of the OpenSSL in use.
func OpenSSLVersion() string { return C.GoString(C.tlsock_openssl_version()) }

// OpenSSLVersionInfo is the version of the OpenSSL in use as five numbers.
func OpenSSLVersionInfo() VersionInfo {
	v := C.tlsock_openssl_version_info()
	return VersionInfo{int(v.major), int(v.minor), int(v.fix), int(v.patch), int(v.status)}
}

// OpenSSLVersionNumber is the version of the OpenSSL in use as one number, such as 0x30000160.
func OpenSSLVersionNumber() uint64 { return uint64(C.tlsock_openssl_version_number()) }

// HandleCount is the number of the C library's handles that are not freed yet, in the whole process: for tests of leaks.
func HandleCount() int { return int(C.tlsock_handle_count()) }

// Txt2Obj looks an object identifier up: "1.3.6.1.5.5.7.3.1" and, with name, also "serverAuth" or a long name.
func Txt2Obj(txt string, name bool) (ASN1Object, error) {
	var text texts
	defer text.free()
	wanted := text.add("txt", txt)
	if text.err != nil {
		return ASN1Object{}, text.err
	}
	var object C.tlsock_asn1_object
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_txt2obj(wanted, C.bool(name), &object, e)
	})
	return goObject(&object), err
}

// NID2Obj looks an object identifier up by OpenSSL's number.
func NID2Obj(nid int) (ASN1Object, error) {
	var object C.tlsock_asn1_object
	err := call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_nid2obj(C.int(nid), &object, e) })
	return goObject(&object), err
}

func goObject(object *C.tlsock_asn1_object) ASN1Object {
	return ASN1Object{
		NID:       int(object.nid),
		ShortName: C.GoString(object.shortname),
		LongName:  C.GoString(object.longname),
		OID:       C.GoString(object.oid),
	}
}

// GetDefaultVerifyPaths tells where the default CAs are searched for.
func GetDefaultVerifyPaths() (DefaultVerifyPaths, error) {
	var paths *C.tlsock_verify_paths
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_get_default_verify_paths(&paths, e)
	})
	if err != nil {
		return DefaultVerifyPaths{}, err
	}
	defer C.tlsock_verify_paths_free(paths)
	return DefaultVerifyPaths{
		CAFile:           C.GoString(C.tlsock_verify_paths_cafile(paths)),
		CAPath:           C.GoString(C.tlsock_verify_paths_capath(paths)),
		OpenSSLCAFileEnv: C.GoString(C.tlsock_verify_paths_openssl_cafile_env(paths)),
		OpenSSLCAFile:    C.GoString(C.tlsock_verify_paths_openssl_cafile(paths)),
		OpenSSLCAPathEnv: C.GoString(C.tlsock_verify_paths_openssl_capath_env(paths)),
		OpenSSLCAPath:    C.GoString(C.tlsock_verify_paths_openssl_capath(paths)),
	}, nil
}

// DERCertToPEMCert gives the PEM text of DER bytes, which are not checked.
func DERCertToPEMCert(der []byte) (string, error) {
	var pem C.tlsock_bytes
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_der_cert_to_pem_cert(start(der), C.size_t(len(der)), &pem, e)
	})
	return string(goBytes(&pem)), err
}

// PEMCertToDERCert gives the DER bytes of a PEM text that holds one certificate.
func PEMCertToDERCert(pem string) ([]byte, error) {
	var text texts
	defer text.free()
	given := text.add("pem", pem)
	if text.err != nil {
		return nil, text.err
	}
	var der C.tlsock_bytes
	err := call(func(e **C.tlsock_error) C.tlsock_status { return C.tlsock_pem_cert_to_der_cert(given, &der, e) })
	return goBytes(&der), err
}

// CertTimeToSeconds reads a certificate's time, such as "Jan  5 09:34:43 2018 GMT", as seconds since 1970.
func CertTimeToSeconds(certTime string) (int64, error) {
	var text texts
	defer text.free()
	given := text.add("certTime", certTime)
	if text.err != nil {
		return 0, text.err
	}
	var seconds C.int64_t
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_cert_time_to_seconds(given, &seconds, e)
	})
	return int64(seconds), err
}

// RandBytes gives random bytes fit for keys.
func RandBytes(count int) ([]byte, error) {
	if count < 0 {
		return nil, &Error{Status: StatusValue, Message: "num must be positive", AlertSent: -1, AlertReceived: -1}
	}
	data := make([]byte, count)
	err := call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_rand_bytes(start(data), C.size_t(count), e)
	})
	return data, err
}

// RandStatus tells whether the random generator has been seeded well.
func RandStatus() bool { return bool(C.tlsock_rand_status()) }

// RandAdd mixes data into the random generator; entropy is a lower bound of its entropy in bytes.
func RandAdd(data []byte, entropy float64) error {
	return call(func(e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_go_rand_add(start(data), C.size_t(len(data)), C.double(entropy), e)
	})
}
