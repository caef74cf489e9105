// An envelope as a part of a larger JSON value. Inside this room.
#pragma once

#include "hallmark/envelope.h"
#include "hallmark/fields.h"

namespace hallmark {

base::Result<Envelope> read_envelope(const Json& json);
Json envelope_json(const Envelope& envelope);

}  // namespace hallmark
