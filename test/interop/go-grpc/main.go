// The interop test cases of gRPC as grpc-go has them itself (package interop): `grpc-cases server` prints its port and serves the test
// service; `grpc-cases PORT CASE...` runs cases against a server and prints a line for each that passed. A case that fails ends
// the program.
package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
)

type testCase func(context.Context, testgrpc.TestServiceClient, ...grpc.CallOption)

var cases = map[string]testCase{
	"empty_unary":                 interop.DoEmptyUnaryCall,
	"large_unary":                 interop.DoLargeUnaryCall,
	"client_streaming":            interop.DoClientStreaming,
	"server_streaming":            interop.DoServerStreaming,
	"ping_pong":                   interop.DoPingPong,
	"empty_stream":                interop.DoEmptyStream,
	"timeout_on_sleeping_server":  interop.DoTimeoutOnSleepingServer,
	"cancel_after_begin":          interop.DoCancelAfterBegin,
	"cancel_after_first_response": interop.DoCancelAfterFirstResponse,
	"status_code_and_message":     interop.DoStatusCodeAndMessage,
	"special_status_message":      interop.DoSpecialStatusMessage,
	"custom_metadata":             interop.DoCustomMetadata,
}

func main() {
	if os.Args[1] == "server" {
		serve()
		return
	}
	connection, err := grpc.NewClient("passthrough:///127.0.0.1:"+os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	defer connection.Close()
	client := testgrpc.NewTestServiceClient(connection)
	for _, name := range os.Args[2:] {
		switch name {
		case "unimplemented_method":
			interop.DoUnimplementedMethod(context.Background(), connection)
		case "unimplemented_service":
			interop.DoUnimplementedService(context.Background(), testgrpc.NewUnimplementedServiceClient(connection))
		default:
			cases[name](context.Background(), client)
		}
		fmt.Println("passed", name)
	}
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := grpc.NewServer()
	testgrpc.RegisterTestServiceServer(server, interop.NewTestServer())
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	check(server.Serve(listener))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
