package tlsock

// #include <tlsock.h>
import "C"

import "unsafe"

// StoreEntry is an entry of a Windows certificate store. Trust lists the OIDs it is trusted for, unless it is
// TrustedForAll.
type StoreEntry struct {
	Data          []byte
	Encoding      string // "x509_asn", "pkcs_7_asn" or a number in text
	TrustedForAll bool
	Trust         []string
}

// EnumCertificates lists the certificates of a Windows store, "CA" or "ROOT"; ErrNotImplemented elsewhere.
func EnumCertificates(storeName string) ([]StoreEntry, error) {
	return enumerate(storeName, func(name *C.char, list **C.tlsock_store_list, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_enum_certificates(name, list, e)
	})
}

// EnumCRLs lists the revocation lists of a Windows store; ErrNotImplemented elsewhere.
func EnumCRLs(storeName string) ([]StoreEntry, error) {
	return enumerate(storeName, func(name *C.char, list **C.tlsock_store_list, e **C.tlsock_error) C.tlsock_status {
		return C.tlsock_enum_crls(name, list, e)
	})
}

func enumerate(storeName string,
	list func(*C.char, **C.tlsock_store_list, **C.tlsock_error) C.tlsock_status) ([]StoreEntry, error) {
	var text texts
	defer text.free()
	name := text.add("storeName", storeName)
	if text.err != nil {
		return nil, text.err
	}
	var entries *C.tlsock_store_list
	err := call(func(e **C.tlsock_error) C.tlsock_status { return list(name, &entries, e) })
	defer C.tlsock_store_list_free(entries)
	var all []StoreEntry
	var entry C.tlsock_store_entry
	for i := C.size_t(0); bool(C.tlsock_store_list_at(entries, i, &entry)); i++ {
		own := StoreEntry{
			Data:          C.GoBytes(unsafe.Pointer(entry.data.data), C.int(entry.data.len)),
			Encoding:      C.GoString(entry.encoding),
			TrustedForAll: bool(entry.trusted_for_all),
		}
		for j := C.size_t(0); j < entry.trust_count; j++ {
			own.Trust = append(own.Trust, C.GoString(C.tlsock_store_list_trust_at(entries, i, j)))
		}
		all = append(all, own)
	}
	return all, err
}
