-- Envoy quotes in its own refusals what a caller sent; values of facts are in no error of ours.
function envoy_on_response(handle)
  local headers = handle:headers()
  if headers:get(":status") ~= "400" or headers:get("x-decision-id") ~= nil then return end
  if not (headers:get("content-type") or ""):find("^application/json") then return end
  local body = handle:body()
  if body == nil then return end
  local text = body:getBytes(0, body:length())
  local told = text:match('^({"code":3,"message":"[^\\"]*)\\[nu]')  -- JSON that cannot be read, and where
  told = told and told .. '"}\n' or text
  if not told:find("invalid value oneof field", 1, true) then
    told = told:gsub("invalid value .* for type", "invalid value for type")
  end
  if told ~= text then
    body:setBytes(told)
    headers:replace("content-length", tostring(#told))
  end
end
