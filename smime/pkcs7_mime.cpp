#include "smime/pkcs7_mime.h"

namespace signet::smime {

std::string pkcs7_mime_fields(std::string_view smime_type, std::string_view file_name) {
    std::string fields("Content-Type: application/pkcs7-mime; smime-type=");
    fields.append(smime_type)
        .append(";\r\n name=\"")
        .append(file_name)
        .append("\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"")
        .append(file_name)
        .append("\"\r\n\r\n");
    return fields;
}

}  // namespace signet::smime
