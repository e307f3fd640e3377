<?php
/*
 * The merchant's end of Freedom Pay callbacks: check request (/check) and result notify (/result).
 *
 *   FPCONFORM_SECRET=... FPCONFORM_ORDERS=A-17:100.00:KZT,A-18:250:KZT \
 *       php -d display_errors=0 -S 127.0.0.1:8080 merchant.php
 *
 * The gateway calls by GET, by POST form, or by the field pg_xml. Whatever it sent, it gets HTTP 200
 * and a signed XML document; any other HTTP status would make it call again for hours.
 * Runs on PHP 7.4 and later. No extension is needed, but SimpleXML for pg_xml.
 */

declare(strict_types=1);

// A warning printed before "<?xml" would make the answer unreadable. Let PHP log it instead.
ini_set('display_errors', '0');

/**
 * The documented flattening. A field's sort name is its parent's sort name, its own name and its
 * position from 1 as three digits; nested fields come in with that name in front of theirs.
 * foreach walks a form's array and an XML element alike, and of XML it gives repeated tags one by one.
 *
 * @param array|SimpleXMLElement $fields
 */
function makeFlatParamsArray($fields, string $parent = ''): array
{
    $flat = [];
    $position = 0;
    foreach ($fields as $name => $value) {
        if ($parent === '' && $name === 'pg_sig') {
            continue; // the signature is not part of what it signs, and takes no position
        }
        $key = $parent . $name . sprintf('%03d', ++$position);
        if (is_array($value) || ($value instanceof SimpleXMLElement && $value->count() > 0)) {
            $flat = makeFlatParamsArray($value, $key) + $flat; // unlike array_merge, + keeps numeric names
        } else {
            $flat[$key] = (string) $value; // as received: not trimmed, and "" keeps its place
        }
    }
    return $flat;
}

/**
 * pg_sig: script name, all values in the order of their names, secret key, joined by ";", MD5.
 *
 * @param array|SimpleXMLElement $fields
 */
function makeSignature(string $script, $fields, string $secret): string
{
    $flat = makeFlatParamsArray($fields);
    ksort($flat, SORT_STRING); // by bytes; without the flag PHP compares numeric names as numbers
    return md5(implode(';', array_merge([$script], array_values($flat), [$secret])));
}

/**
 * One received value; '' if the field is absent or nested.
 *
 * @param array|SimpleXMLElement $fields
 */
function field($fields, string $name): string
{
    $value = $fields instanceof SimpleXMLElement ? (string) $fields->$name : ($fields[$name] ?? '');
    return is_string($value) ? $value : '';
}

/** An amount in its shortest form, so that 20, 20.0 and 20.00 are equal; null if it is none. No floats. */
function amount(string $text): ?string
{
    if (!preg_match('/^0*([0-9]+)(?:\.([0-9]+))?$/D', $text, $digits)) {
        return null;
    }
    return $digits[1] . '.' . rtrim($digits[2] ?? '', '0');
}

/** The shop's orders by id. Yours are in a database. Null if the text is not id:amount:currency,... */
function orders(string $text): ?array
{
    $orders = [];
    foreach ($text === '' ? [] : explode(',', $text) as $order) {
        if (!preg_match('/^\s*(.+):([^:]+):([A-Z]{3})\s*$/D', $order, $part) || amount($part[2]) === null) {
            return null;
        }
        $orders[$part[1]] = ['amount' => amount($part[2]), 'currency' => $part[3]];
    }
    return $orders;
}

/** Ends the request with plain text: for what the gateway never sees when the shop is set up rightly. */
function stop(int $httpStatus, string $text): void
{
    http_response_code($httpStatus);
    header('Content-Type: text/plain; charset=utf-8');
    exit($text . "\n");
}

/** Ends the request with a signed answer: ok accepts, rejected refuses, error could not make sense of it. */
function respond(string $script, string $secret, string $status, string $description): void
{
    $answer = [
        'pg_status' => $status,
        'pg_description' => $description, // with "rejected" the buyer may see this text
        'pg_salt' => bin2hex(random_bytes(8)),
    ];
    $answer['pg_sig'] = makeSignature($script, $answer, $secret); // over the values before they are escaped
    $xml = '';
    foreach ($answer as $name => $value) {
        $xml .= "<$name>" . htmlspecialchars($value, ENT_XML1 | ENT_QUOTES, 'UTF-8') . "</$name>";
    }
    header('Content-Type: application/xml');
    exit('<?xml version="1.0" encoding="utf-8"?>' . "\n<response>$xml</response>\n");
}

$secret = (string) getenv('FPCONFORM_SECRET');
if ($secret === '') {
    stop(500, 'FPCONFORM_SECRET is not set: without the secret key no callback can be verified.');
}
$orders = orders((string) getenv('FPCONFORM_ORDERS'));
if ($orders === null) {
    stop(500, 'FPCONFORM_ORDERS is not a list like A-17:100.00:KZT,A-18:250:KZT.');
}

// The script name, in both directions: the last segment of the address that was called, without its query.
$path = explode('?', $_SERVER['REQUEST_URI'], 2)[0];
$script = substr((string) strrchr($path, '/'), 1);
if ($script !== 'check' && $script !== 'result') {
    stop(404, 'This shop answers to paths that end in /check and /result.');
}

// By POST only the body counts. If the shop's own address has a query, the gateway repeats its fields
// in the body and signs them there; taking them from both places would count them twice.
$fields = $_SERVER['REQUEST_METHOD'] === 'POST' ? $_POST : $_GET;

if (isset($fields['pg_xml'])) { // then it holds the whole message, and fields beside it are unsigned
    if (!function_exists('simplexml_load_string')) {
        respond($script, $secret, 'error', 'pg_xml cannot be read here: the PHP extension SimpleXML is missing');
    }
    $text = field($fields, 'pg_xml');
    $flags = LIBXML_NONET | LIBXML_NOERROR | LIBXML_NOWARNING;
    $fields = simplexml_load_string($text, 'SimpleXMLElement', $flags);
    // No DOCTYPE: it could declare entities that swell, or that read files.
    if ($fields === false || stripos($text, '<!DOCTYPE') !== false) {
        respond($script, $secret, 'error', 'pg_xml is not well-formed XML without a DOCTYPE');
    }
}

// All fields are signed, those that you do not know too. Never filter, trim or convert them before this line.
// signature check: begin
if (!hash_equals(makeSignature($script, $fields, $secret), field($fields, 'pg_sig'))) { respond($script, $secret, 'error', 'pg_sig is missing or wrong'); }
// signature check: end

foreach (['pg_order_id', 'pg_payment_id', 'pg_salt'] as $name) {
    if (field($fields, $name) === '') {
        respond($script, $secret, 'error', "$name is missing");
    }
}

$result = field($fields, 'pg_result');
if ($script === 'result' && $result !== '1' && $result !== '0') {
    respond($script, $secret, 'error', 'pg_result is neither 1 nor 0');
}

// A repeated notification must be answered like the first, so the answer depends only on what does not change
// between the two: not on pg_can_reject, which may be 1 first and 0 later. With 0 the gateway does not act on
// "rejected": the payment stands, and someone at the shop has to look into it.
$order = $orders[field($fields, 'pg_order_id')] ?? null;
if ($order === null) {
    respond($script, $secret, 'rejected', 'Такого заказа в магазине нет');
}
if ($script === 'result' && $result === '0') {
    respond($script, $secret, 'ok', 'Неудача оплаты записана'); // the buyer may try again
}
if (amount(field($fields, 'pg_amount')) !== $order['amount'] || field($fields, 'pg_currency') !== $order['currency']) {
    respond($script, $secret, 'rejected', 'Сумма или валюта не та, что в заказе');
}
if ($script === 'check') {
    respond($script, $secret, 'ok', 'Заказ ждёт оплаты');
}
// Here the shop marks the order as paid: once for each pg_payment_id, because this call may be repeated.
respond($script, $secret, 'ok', 'Оплата принята');
