// Package tlsockgrpc gives gRPC credentials that speak TLS through tlsock.
//
//	client, err := grpc.NewClient(target, grpc.WithTransportCredentials(credentials))
//	server := grpc.NewServer(grpc.Creds(credentials))
//
// Peers have a credentials.TLSInfo, as with credentials.NewTLS. It is a separate module because nothing else needs gRPC.
package tlsockgrpc
