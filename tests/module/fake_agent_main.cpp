// fake-agent SOCKET: an agent with one token that holds an RSA, a P-256, an Ed25519 and an X25519 key, until
// its standard input ends.
#include "tests/module/fake_agent.h"

#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
    using namespace signet::test;
    if (argc != 2) {
        std::fprintf(stderr, "usage: fake-agent SOCKET\n");
        return 2;
    }
    FakeAgent agent(argv[1]);
    agent.insert(make_token("alice", 0), {make_rsa_key("rsa", {1}), make_ec_key("ec", {2}),
                                          make_ed25519_key("ed", {3}), make_x25519_key("x", {4})});
    char octet = 0;
    while (read(STDIN_FILENO, &octet, 1) > 0) {
    }
    return 0;
}
