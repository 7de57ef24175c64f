// usage: signet-card-holder READER
//
// Holds the card in a reader exclusively until it is ended; says "held" when it does.
#include <unistd.h>
#include <winscard.h>

#include <cstdio>

int main(int count, char** arguments) {
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    if (count != 2 ||
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context) != SCARD_S_SUCCESS ||
        SCardConnect(context, arguments[1], SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                     &card, &protocol) != SCARD_S_SUCCESS) {
        return 1;
    }
    std::puts("held");
    std::fflush(stdout);
    for (;;) {
        pause();
    }
}
