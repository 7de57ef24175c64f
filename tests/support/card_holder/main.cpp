// usage: signet-card-holder READER [transaction]
//
// Holds the card in a reader exclusively, or in a transaction that shares it with nobody either, until it is
// ended; says "held" when it does.
#include <unistd.h>
#include <winscard.h>

#include <cstdio>
#include <cstring>

int main(int count, char** arguments) {
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    const bool in_transaction = count == 3 && std::strcmp(arguments[2], "transaction") == 0;
    const DWORD sharing = in_transaction ? SCARD_SHARE_SHARED : SCARD_SHARE_EXCLUSIVE;
    if ((count != 2 && !in_transaction) ||
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context) != SCARD_S_SUCCESS ||
        SCardConnect(context, arguments[1], sharing, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card,
                     &protocol) != SCARD_S_SUCCESS ||
        (in_transaction && SCardBeginTransaction(card) != SCARD_S_SUCCESS)) {
        return 1;
    }
    std::puts("held");
    std::fflush(stdout);
    for (;;) {
        pause();
    }
}
