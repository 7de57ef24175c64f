#pragma once

#include "ipc/writer.h"
#include "x509/certificate.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::cli {

// A JSON array; `encode(element)` gives the JSON of one element.
template <class Range, class Encode>
std::string json_array(const Range& elements, Encode encode) {
    std::string text = "[";
    for (const auto& element : elements) {
        if (text.size() > 1) {
            text += ',';
        }
        text += encode(element);
    }
    return text + "]";
}

inline std::string json_text(std::string_view value) {
    std::string text;
    ipc::Writer::append_text(text, value);
    return text;
}

inline std::string json_texts(const std::vector<std::string>& values) {
    return json_array(values, json_text);
}

inline std::string json_of_certificate(const x509::Certificate& certificate) {
    ipc::Writer writer;
    writer.text("fingerprint", certificate.fingerprint());
    writer.text("subject", certificate.subject());
    writer.text("issuer", certificate.issuer());
    writer.text("serial_number", certificate.serial_number());
    writer.raw("emails", json_texts(certificate.emails()));
    writer.text("not_before", certificate.not_before());
    writer.text("not_after", certificate.not_after());
    writer.octets("der", certificate.der());
    return writer.finish();
}

}  // namespace signet::cli
