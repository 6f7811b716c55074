package tlsock

/*
#cgo !tlsock_static pkg-config: tlsock
#cgo tlsock_static pkg-config: --static tlsock
#cgo tlsock_static LDFLAGS: -Wl,--as-needed -Wl,-Bstatic -ltlsock -Wl,-Bdynamic
#include <tlsock.h>

#if TLSOCK_VERSION_MAJOR != 0
#error "this binding is for tlsock 0: install the library and the binding of one release"
#endif
*/
import "C"

import "fmt"

// A library whose version does not fit the header would be called with the wrong arguments.
func init() {
	number := uint32(C.tlsock_version_number())
	if number>>16 != C.TLSOCK_VERSION_MAJOR || number < C.TLSOCK_VERSION_NUMBER {
		panic(fmt.Sprintf("tlsock: the library found at run time is %s, the program was built for %s",
			Version(), C.TLSOCK_VERSION))
	}
}

// Version is the version of the running library, such as "0.1.0".
func Version() string { return C.GoString(C.tlsock_version()) }
