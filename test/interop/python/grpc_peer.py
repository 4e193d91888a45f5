"""The interop test cases of gRPC with grpcio: `server` prints its port and serves the test service; `PORT CASE...` runs cases and
prints a line for each that passed. The modules of testing.proto are made beforehand; their folder is in PYTHONPATH."""

import sys
import threading
import time
from concurrent import futures

import grpc
import testing_pb2 as pb
import testing_pb2_grpc as service

SIZES = list(zip([27182, 8, 1828, 45904], [31415, 9, 2653, 58979]))
INITIAL = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
TRAILING = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"


def zeros(size):
    return pb.Payload(body=bytes(size))


def output(size, *answers):
    parameters = [pb.ResponseParameters(size=one) for one in answers]
    return pb.StreamingOutputCallRequest(payload=zeros(size), response_parameters=parameters)


class TestService(service.TestServiceServicer):
    def EmptyCall(self, request, context):
        return pb.Empty()

    def UnaryCall(self, request, context):
        echo(context)
        stop(request, context)
        return pb.SimpleResponse(payload=zeros(request.response_size))

    def StreamingOutputCall(self, request, context):
        stop(request, context)
        for one in request.response_parameters:
            time.sleep(one.interval_us / 1e6)
            yield pb.StreamingOutputCallResponse(payload=zeros(one.size))

    def StreamingInputCall(self, requests, context):
        total = sum(len(one.payload.body) for one in requests)
        return pb.StreamingInputCallResponse(aggregated_payload_size=total)

    def FullDuplexCall(self, requests, context):
        echo(context)
        for one in requests:
            yield from self.StreamingOutputCall(one, context)


def echo(context):
    metadata = dict(context.invocation_metadata())
    if INITIAL[0] in metadata:
        context.send_initial_metadata([(INITIAL[0], metadata[INITIAL[0]])])
    if TRAILING[0] in metadata:
        context.set_trailing_metadata([(TRAILING[0], metadata[TRAILING[0]])])


def stop(request, context):
    if request.HasField("response_status"):
        status = request.response_status
        code = next(one for one in grpc.StatusCode if one.value[0] == status.code)
        context.abort(code, status.message)


def large(client, **more):
    request = pb.SimpleRequest(response_size=314159, payload=zeros(271828))
    return client.UnaryCall(request, **more)


def empty_unary(client, _):
    assert client.EmptyCall(pb.Empty()) == pb.Empty()


def large_unary(client, _):
    assert large(client).payload.body == bytes(314159)


def client_streaming(client, _):
    requests = (pb.StreamingInputCallRequest(payload=zeros(size)) for size, _ in SIZES)
    assert client.StreamingInputCall(requests).aggregated_payload_size == 74922


def server_streaming(client, _):
    answers = client.StreamingOutputCall(output(0, *(size for _, size in SIZES)))
    assert [len(one.payload.body) for one in answers] == [size for _, size in SIZES]


def ping_pong(client, _):
    heard = threading.Semaphore(1)

    def requests():
        for size, answer in SIZES:
            heard.acquire()
            yield output(size, answer)

    sizes = []
    for one in client.FullDuplexCall(requests()):
        sizes.append(len(one.payload.body))
        heard.release()
    assert sizes == [size for _, size in SIZES]


def empty_stream(client, _):
    assert list(client.FullDuplexCall(iter(()))) == []


def custom_metadata(client, _):
    def check(call):
        assert INITIAL in [tuple(one) for one in call.initial_metadata()], call.initial_metadata()
        assert TRAILING in [tuple(one) for one in call.trailing_metadata()], call.trailing_metadata()

    request = pb.SimpleRequest(response_size=314159, payload=zeros(271828))
    answer, call = client.UnaryCall.with_call(request, metadata=[INITIAL, TRAILING])
    assert len(answer.payload.body) == 314159
    check(call)
    stream = client.FullDuplexCall(iter([output(271828, 314159)]), metadata=[INITIAL, TRAILING])
    assert [len(one.payload.body) for one in stream] == [314159]
    check(stream)


def fails(call, code, details=None):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, error
        assert details is None or error.details() == details, error
    else:
        raise AssertionError("no error")


def status_code_and_message(client, _):
    status = pb.EchoStatus(code=2, message="test status message")
    unary = pb.SimpleRequest(response_status=status)
    duplex = pb.StreamingOutputCallRequest(response_status=status)
    fails(lambda: client.UnaryCall(unary), grpc.StatusCode.UNKNOWN, status.message)
    fails(lambda: list(client.FullDuplexCall(iter([duplex]))), grpc.StatusCode.UNKNOWN, status.message)


def special_status_message(client, _):
    request = pb.SimpleRequest(response_status=pb.EchoStatus(code=2, message=SPECIAL))
    fails(lambda: client.UnaryCall(request), grpc.StatusCode.UNKNOWN, SPECIAL)


def unimplemented_method(client, _):
    fails(lambda: client.UnimplementedCall(pb.Empty()), grpc.StatusCode.UNIMPLEMENTED)


def unimplemented_service(_, channel):
    other = service.UnimplementedServiceStub(channel)
    fails(lambda: other.UnimplementedCall(pb.Empty()), grpc.StatusCode.UNIMPLEMENTED)


def held(first):
    """Requests that do not end before the program does."""
    yield from first
    threading.Event().wait(10)


def cancel_after_begin(client, _):
    call = client.StreamingInputCall.future(held([]))
    call.cancel()
    assert call.cancelled() and call.code() == grpc.StatusCode.CANCELLED


def cancel_after_first_response(client, _):
    call = client.FullDuplexCall(held([output(27182, 31415)]))
    assert len(next(call).payload.body) == 31415
    call.cancel()
    fails(lambda: next(call), grpc.StatusCode.CANCELLED)


def timeout_on_sleeping_server(client, _):
    call = client.FullDuplexCall(held([output(27182)]), timeout=0.001)
    fails(lambda: next(call), grpc.StatusCode.DEADLINE_EXCEEDED)


def main():
    if sys.argv[1] == "server":
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
        service.add_TestServiceServicer_to_server(TestService(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        print(port, flush=True)
        sys.stdin.read()
        server.stop(None)
        return
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}") as channel:
        client = service.TestServiceStub(channel)
        for name in sys.argv[2:]:
            globals()[name](client, channel)
            print("passed", name, flush=True)
    import os

    os._exit(0)  # requests that are held would keep it


main()
