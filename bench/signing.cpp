// Signs through one PKCS#11 module with one key, in one or several threads, for a while.
#include "base/file_descriptor.h"
#include "base/secret.h"
#include "bench/samples.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <getopt.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

using namespace signet;
using Clock = std::chrono::steady_clock;

constexpr const char* usage =
    "Usage: bench-signing --module FILE --token LABEL --key ec|rsa [option...]\n"
    "Signs through a PKCS#11 module and prints how long each signature took, as JSON.\n"
    "\n"
    "  --module FILE      the PKCS#11 module\n"
    "  --token LABEL      the token\n"
    "  --key TYPE         ec (P-256, ECDSA) or rsa (PKCS#1 v1.5): the token's first key of this type\n"
    "  --pin-file FILE    log in with the PIN that this file holds (default: do not log in)\n"
    "  --threads N        threads that sign at the same time, each in a session of its own (default 1)\n"
    "  --milliseconds N   how long they sign (default 500)\n"
    "  --help             print this text\n";

struct Options {
    std::string module;
    std::string token;
    std::string pin_file;
    CK_KEY_TYPE key_type = CKK_EC;
    int threads = 1;
    std::chrono::milliseconds time{500};
};

// What one thread did.
struct Run {
    Clock::time_point begin;
    Clock::time_point end;
    bench::Samples samples;
};

[[noreturn]] void give_up(std::string_view what, std::string_view why) {
    std::fprintf(stderr, "bench-signing: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(why.size()), why.data());
    std::exit(EXIT_FAILURE);
}

void check(const char* function, CK_RV value) {
    if (value != CKR_OK) {
        give_up(function, "CKR " + std::to_string(value));
    }
}

int positive(const char* text) {
    const int number = std::atoi(text);
    if (number <= 0) {
        give_up("not a positive number", text);
    }
    return number;
}

CK_KEY_TYPE key_type(std::string_view name) {
    if (name != "ec" && name != "rsa") {
        give_up("unknown type of key", name);
    }
    return name == "ec" ? CKK_EC : CKK_RSA;
}

void apply(Options& options, int option, const char* value) {
    switch (option) {
        case 'm':
            options.module = value;
            return;
        case 't':
            options.token = value;
            return;
        case 'k':
            options.key_type = key_type(value);
            return;
        case 'p':
            options.pin_file = value;
            return;
        case 'n':
            options.threads = positive(value);
            return;
        case 'd':
            options.time = std::chrono::milliseconds(positive(value));
            return;
        case 'h':
            std::fputs(usage, stdout);
            std::exit(EXIT_SUCCESS);
        default:
            std::fputs(usage, stderr);
            std::exit(2);
    }
}

Options parse(int count, char** arguments) {
    static const option known[] = {
        {"module", required_argument, nullptr, 'm'},  {"token", required_argument, nullptr, 't'},
        {"key", required_argument, nullptr, 'k'},     {"pin-file", required_argument, nullptr, 'p'},
        {"threads", required_argument, nullptr, 'n'}, {"milliseconds", required_argument, nullptr, 'd'},
        {"help", no_argument, nullptr, 'h'},          {nullptr, 0, nullptr, 0}};
    Options options;
    for (int option = 0; (option = getopt_long(count, arguments, "", known, nullptr)) != -1;) {
        apply(options, option, optarg);
    }
    if (options.module.empty() || options.token.empty() || optind != count) {
        apply(options, '?', nullptr);
    }
    return options;
}

CK_FUNCTION_LIST& load(const std::string& path) {
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
        give_up("dlopen", dlerror());
    }
    const auto get_functions = reinterpret_cast<CK_C_GetFunctionList>(dlsym(module, "C_GetFunctionList"));
    CK_FUNCTION_LIST* functions = nullptr;
    if (get_functions == nullptr || get_functions(&functions) != CKR_OK) {
        give_up(path, "not a PKCS#11 module");
    }
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    check("C_Initialize", functions->C_Initialize(&arguments));
    return *functions;
}

bool has_label(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot, std::string_view label) {
    CK_TOKEN_INFO info{};
    check("C_GetTokenInfo", functions.C_GetTokenInfo(slot, &info));
    std::string_view text(reinterpret_cast<const char*>(info.label), sizeof(info.label));
    return text.substr(0, text.find_last_not_of(' ') + 1) == label;
}

CK_SLOT_ID find_slot(CK_FUNCTION_LIST& functions, std::string_view label) {
    std::array<CK_SLOT_ID, 64> slots{};
    CK_ULONG count = slots.size();
    check("C_GetSlotList", functions.C_GetSlotList(CK_TRUE, slots.data(), &count));
    for (CK_ULONG i = 0; i < count; ++i) {
        if (has_label(functions, slots[i], label)) {
            return slots[i];
        }
    }
    give_up("no such token", label);
}

CK_SESSION_HANDLE open_session(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot) {
    CK_SESSION_HANDLE session = 0;
    check("C_OpenSession", functions.C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session));
    return session;
}

void log_in(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session, const std::string& pin_file) {
    const FileDescriptor file(open(pin_file.c_str(), O_RDONLY | O_CLOEXEC));
    auto pin = Secret::read_from(file);
    if (!pin) {
        give_up(pin_file, pin.error().detail);
    }
    pin->strip_line_end();
    check("C_Login",
          functions.C_Login(session, CKU_USER, const_cast<CK_UTF8CHAR*>(pin->expose().data()), pin->size()));
}

CK_OBJECT_HANDLE find_key(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session, CK_KEY_TYPE type) {
    CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
    std::array<CK_ATTRIBUTE, 2> wanted{
        {{CKA_CLASS, &object_class, sizeof(object_class)}, {CKA_KEY_TYPE, &type, sizeof(type)}}};
    check("C_FindObjectsInit", functions.C_FindObjectsInit(session, wanted.data(), wanted.size()));
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG count = 0;
    check("C_FindObjects", functions.C_FindObjects(session, &key, 1, &count));
    check("C_FindObjectsFinal", functions.C_FindObjectsFinal(session));
    if (count != 1) {
        give_up("C_FindObjects", "the token has no such key");
    }
    return key;
}

// What is signed: a SHA-256 digest, for PKCS#1 v1.5 within its DigestInfo (RFC 8017 section 9.2).
std::string data_to_sign(CK_KEY_TYPE type) {
    constexpr std::string_view digest_info(
        "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", 19);
    return std::string(type == CKK_RSA ? digest_info : std::string_view()) + std::string(32, '\x5a');
}

void sign_once(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session, CK_KEY_TYPE type,
               CK_OBJECT_HANDLE key) {
    static const std::array data{data_to_sign(CKK_EC), data_to_sign(CKK_RSA)};
    const std::string& input = data.at(type == CKK_RSA ? 1 : 0);
    CK_MECHANISM mechanism{type == CKK_RSA ? CKM_RSA_PKCS : CKM_ECDSA, nullptr, 0};
    std::array<unsigned char, 1024> signature{};
    CK_ULONG length = signature.size();
    check("C_SignInit", functions.C_SignInit(session, &mechanism, key));
    check("C_Sign",
          functions.C_Sign(session, reinterpret_cast<unsigned char*>(const_cast<char*>(input.data())),
                           input.size(), signature.data(), &length));
}

// The first signatures open files, sessions and connections: they are not measured.
void warm_up(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session, CK_KEY_TYPE type, CK_OBJECT_HANDLE key) {
    constexpr int warm_up_signatures = 20;
    for (int i = 0; i < warm_up_signatures; ++i) {
        sign_once(functions, session, type, key);
    }
}

Run sign_repeatedly(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot, const Options& options,
                    std::barrier<>& start) {
    const CK_SESSION_HANDLE session = open_session(functions, slot);
    const CK_OBJECT_HANDLE key = find_key(functions, session, options.key_type);
    warm_up(functions, session, options.key_type, key);
    Run run;
    run.samples.reserve(1U << 16);
    start.arrive_and_wait();
    run.begin = run.end = Clock::now();
    while (run.end - run.begin < options.time) {
        const auto before = run.end;
        sign_once(functions, session, options.key_type, key);
        run.end = Clock::now();
        run.samples.push_back((run.end - before).count());
    }
    return run;
}

void measure(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot, const Options& options) {
    std::vector<Run> runs(static_cast<std::size_t>(options.threads));
    std::barrier<> start(options.threads);
    std::vector<std::thread> threads;
    for (Run& run : runs) {
        threads.emplace_back([&] { run = sign_repeatedly(functions, slot, options, start); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    auto [begin, end, samples] = runs.front();
    for (std::size_t i = 1; i < runs.size(); ++i) {
        begin = std::min(begin, runs[i].begin);
        end = std::max(end, runs[i].end);
        samples.insert(samples.end(), runs[i].samples.begin(), runs[i].samples.end());
    }
    bench::print(std::move(samples), (end - begin).count());
}

}  // namespace

int main(int count, char** arguments) {
    const Options options = parse(count, arguments);
    CK_FUNCTION_LIST& functions = load(options.module);
    const CK_SLOT_ID slot = find_slot(functions, options.token);
    // Cryptoki's login is the application's: this session keeps it for those of the threads.
    const CK_SESSION_HANDLE session = open_session(functions, slot);
    if (!options.pin_file.empty()) {
        log_in(functions, session, options.pin_file);
    }
    measure(functions, slot, options);
    check("C_Finalize", functions.C_Finalize(nullptr));
}
