// Package tlsockgrpc gives gRPC credentials that speak TLS through tlsock.
//
//	client, err := grpc.NewClient(target, grpc.WithTransportCredentials(credentials))
//	server := grpc.NewServer(grpc.Creds(credentials))
//
// Peers have a credentials.TLSInfo, as with credentials.NewTLS. It is a module of its own, for gRPC is not needed by
// the rest.
package tlsockgrpc
