#include "fetch/http.h"

#include <curl/curl.h>
#include <strings.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace signet::fetch {
namespace {

template <auto free_function>
struct Deleter {
    template <class T>
    void operator()(T* pointer) const {
        free_function(pointer);
    }
};
using EasyPointer = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using UrlPointer = std::unique_ptr<CURLU, Deleter<curl_url_cleanup>>;
using TextPointer = std::unique_ptr<char, Deleter<curl_free>>;

// Fields of a request.
class FieldList {
  public:
    FieldList() = default;
    ~FieldList() { curl_slist_free_all(m_list); }
    FieldList(const FieldList&) = delete;
    FieldList& operator=(const FieldList&) = delete;

    void add(const std::string& field) { m_list = curl_slist_append(m_list, field.c_str()); }
    [[nodiscard]] curl_slist* get() const { return m_list; }

  private:
    curl_slist* m_list = nullptr;
};

struct Answer {
    std::string body;
    std::size_t limit;
    bool too_large = false;
};

std::size_t take_body(const char* octets, std::size_t size, std::size_t count, void* pointer) {
    auto& answer = *static_cast<Answer*>(pointer);
    if (size * count > answer.limit - answer.body.size()) {
        answer.too_large = true;
        return 0;
    }
    answer.body.append(octets, size * count);
    return size * count;
}

Result<UrlPointer> checked_url(const std::string& text) {
    UrlPointer url(curl_url());
    const CURLUcode parsed = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
    if (parsed != CURLUE_OK) {
        return failure(ErrorCode::invalid_parameter, "URL", text + ": " + curl_url_strerror(parsed));
    }
    const auto part = [&url](CURLUPart which) {
        char* value = nullptr;
        curl_url_get(url.get(), which, &value, 0);
        return TextPointer(value);
    };
    const auto scheme = part(CURLUPART_SCHEME);
    const bool web = scheme && (std::string(scheme.get()) == "http" || std::string(scheme.get()) == "https");
    if (!web) {
        return failure(ErrorCode::invalid_parameter, "URL", text + ": neither http nor https");
    }
    if (part(CURLUPART_USER) || part(CURLUPART_PASSWORD)) {
        return failure(ErrorCode::invalid_parameter, "URL", "a URL with a user's name is not taken");
    }
    return url;
}

void set_rules(CURL* easy, const Post& request) {
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    const auto milliseconds = std::chrono::milliseconds(request.timeout).count();
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "signet-fetch/" SIGNET_VERSION);
}

// libcurl itself knows only the system's.
void set_authorities(CURL* easy) {
    if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0') {
        curl_easy_setopt(easy, CURLOPT_CAINFO, file);
    }
    if (const char* folder = std::getenv("SSL_CERT_DIR"); folder != nullptr && *folder != '\0') {
        curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
    }
}

void set_body(CURL* easy, const Post& request) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
}

ErrorCode code_for(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return ErrorCode::timeout;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            return ErrorCode::not_allowed;
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return ErrorCode::protocol;
        default:
            return ErrorCode::input_output;
    }
}

// "application/x; charset=y" is of the type "application/x".
bool is_of_type(const char* field, const std::string& type) {
    const std::string text = field != nullptr ? field : "";
    const std::string given = text.substr(0, text.find_first_of("; \t"));
    return strcasecmp(given.c_str(), type.c_str()) == 0;
}

Result<void> check_answer(CURL* easy, const Post& request) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    const char* target = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
    if (target != nullptr) {
        return failure(ErrorCode::protocol, "HTTP",
                       "the server sends on to " + std::string(target) + ", which is not followed");
    }
    constexpr long ok = 200;
    if (status != ok) {
        return failure(ErrorCode::protocol, "HTTP",
                       "the server answers with status " + std::to_string(status));
    }
    const char* type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    if (!is_of_type(type, request.accept)) {
        return failure(ErrorCode::protocol, "HTTP", "the answer is not of type " + request.accept);
    }
    return {};
}

}  // namespace

Result<std::string> post(const Post& request) {
    SIGNET_TRY(const auto url, checked_url(request.url));
    const EasyPointer easy(curl_easy_init());
    if (!easy) {
        return failure(ErrorCode::input_output, "start", "libcurl");
    }
    Answer answer{.body = {}, .limit = request.limit};
    FieldList fields;
    fields.add("Content-Type: " + request.content_type);
    fields.add("Accept: " + request.accept);
    fields.add("Expect:");  // no waiting for a "100 Continue"
    curl_easy_setopt(easy.get(), CURLOPT_CURLU, url.get());
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, fields.get());
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer);
    set_rules(easy.get(), request);
    set_authorities(easy.get());
    set_body(easy.get(), request);
    std::array<char, CURL_ERROR_SIZE> message{};
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, message.data());
    const CURLcode code = curl_easy_perform(easy.get());
    if (answer.too_large) {
        return failure(ErrorCode::too_large, "HTTP",
                       "the answer is longer than " + std::to_string(request.limit) + " octets");
    }
    if (code != CURLE_OK) {
        return failure(code_for(code), "HTTP", message[0] != 0 ? message.data() : curl_easy_strerror(code),
                       code);
    }
    SIGNET_CHECK(check_answer(easy.get(), request));
    return std::move(answer.body);
}

}  // namespace signet::fetch
