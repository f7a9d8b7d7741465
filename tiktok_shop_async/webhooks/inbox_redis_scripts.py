"""The inbox in Redis as Redis sees it: what is kept under which key, and the scripts that change it.

All keys begin with the prefix, KEYS[1]:

    event:<key>      hash: body, state (waiting, running, done, dead), attempt, fence, object, number and so on
    waiting          keys that may be claimed, by when; of those about one object only the first in its line
    running          keys that are claimed, by the end of the lease
    done, dead       keys that have ended, by when
    line:<object>    sorted set: keys about one object that have not ended, by update_time and order of arrival
    busy             hash: objects of which an event is running
    heads            hash: the key of each object that stands in `waiting`
    newest           hash: the greatest update_time handled, by object and type, and by object
    handled          fields of `newest`, by when they were written
    number           how many events have come
    open             how many of them have not ended

Times are those of the server, so that the clocks of the machines do not matter.
"""

from __future__ import annotations

__all__ = [
    "ADD",
    "CLAIM",
    "COMPLETE",
    "COUNTS",
    "DEAD_LETTERS",
    "END",
    "NEWEST",
    "PURGE",
    "RELEASE",
    "RENEW",
    "REPLAY",
    "RETRY",
]

_BASE = """
local P = KEYS[1]
local clock = redis.call('time')
local now = clock[1] + clock[2] / 1000000
local function time(value) return string.format('%.6f', value) end
local function path(key) return P .. ':event:' .. key end
local function field(key, name) return redis.call('hget', path(key), name) end
local function place(key) return string.format('%016d', field(key, 'number')) .. key end

-- Lets the first in an object's line be claimed, if none of the line is running.
local function settle(object)
    if redis.call('hexists', P .. ':busy', object) == 1 then return end
    local line = P .. ':line:' .. object
    local first = redis.call('zrange', line, 0, 0)[1]
    while first and redis.call('exists', path(string.sub(first, 17))) == 0 do
        redis.call('zrem', line, first)
        first = redis.call('zrange', line, 0, 0)[1]
    end
    local key = first and string.sub(first, 17)
    local before = redis.call('hget', P .. ':heads', object)
    if before and before ~= key then redis.call('zrem', P .. ':waiting', before) end
    if key then
        redis.call('zadd', P .. ':waiting', field(key, 'due'), key)
        redis.call('hset', P .. ':heads', object, key)
    elseif before then
        redis.call('hdel', P .. ':heads', object)
    end
end

local function wait(key, due)
    redis.call('hset', path(key), 'state', 'waiting', 'due', time(due))
    redis.call('zrem', P .. ':running', key)
    local object = field(key, 'object')
    if object == '' then
        redis.call('zadd', P .. ':waiting', time(due), key)
    else
        redis.call('zadd', P .. ':line:' .. object, field(key, 'update_time'), place(key))
        if redis.call('hget', P .. ':busy', object) == key then redis.call('hdel', P .. ':busy', object) end
        settle(object)
    end
end

local function held(key, fence)
    local found = redis.call('hmget', path(key), 'state', 'fence')
    return found[1] == 'running' and found[2] == fence
end

local function remember(name, update_time)
    local before = redis.call('hget', P .. ':newest', name)
    if not before or tonumber(before) < tonumber(update_time) then
        redis.call('hset', P .. ':newest', name, update_time)
    end
    redis.call('zadd', P .. ':handled', time(now), name)
end

local function finish(key, state, reason)
    local found = redis.call('hmget', path(key), 'object', 'update_time', 'type')
    redis.call('hset', path(key), 'state', state, 'error', reason, 'ended_at', time(now))
    redis.call('decr', P .. ':open')
    redis.call('zrem', P .. ':running', key)
    redis.call('zadd', P .. ':' .. state, time(now), key)
    local object = found[1]
    if object ~= '' then
        if state == 'done' then
            remember(found[3] .. ':' .. object, found[2])
            remember(':' .. object, found[2])
        end
        redis.call('zrem', P .. ':line:' .. object, place(key))
        if redis.call('hget', P .. ':busy', object) == key then redis.call('hdel', P .. ':busy', object) end
        settle(object)
    end
end
"""

ADD = (
    _BASE
    + """
local key = ARGV[1]
if redis.call('exists', path(key)) == 1 then return 0 end
redis.call('hset', path(key), 'body', ARGV[2], 'type', ARGV[3], 'shop_id', ARGV[4], 'object', ARGV[5],
    'update_time', ARGV[6], 'number', redis.call('incr', P .. ':number'), 'received_at', time(now),
    'attempt', 0, 'fence', 0, 'replayed', 0, 'error', '')
redis.call('incr', P .. ':open')
wait(key, now)
return 1
"""
)

CLAIM = (
    _BASE
    + """
-- What the server evicted, or somebody deleted, must not hold up the rest.
local function vanished(key)
    if redis.call('exists', path(key)) == 1 then return false end
    redis.call('zrem', P .. ':waiting', key)
    redis.call('zrem', P .. ':running', key)
    redis.call('decr', P .. ':open')
    for _, name in ipairs({'busy', 'heads'}) do
        local held = redis.call('hgetall', P .. ':' .. name)
        for index = 1, #held, 2 do
            if held[index + 1] == key then
                redis.call('hdel', P .. ':' .. name, held[index])
                settle(held[index])
            end
        end
    end
    return true
end

for _, key in ipairs(redis.call('zrangebyscore', P .. ':running', '-inf', time(now), 'LIMIT', 0, 1000)) do
    if not vanished(key) then wait(key, now) end
end
local due = {}
for _, key in ipairs(redis.call('zrangebyscore', P .. ':waiting', '-inf', time(now), 'LIMIT', 0, ARGV[1])) do
    if not vanished(key) then table.insert(due, key) end
end
local claims = {}
for _, key in ipairs(due) do
    redis.call('zrem', P .. ':waiting', key)
    redis.call('zadd', P .. ':running', time(now + ARGV[2]), key)
    redis.call('hset', path(key), 'state', 'running')
    local attempt = redis.call('hincrby', path(key), 'attempt', 1)
    local fence = redis.call('hincrby', path(key), 'fence', 1)
    local found = redis.call('hmget', path(key), 'body', 'replayed', 'received_at', 'object', 'update_time', 'type')
    local stale = 0
    if found[4] ~= '' then
        redis.call('hdel', P .. ':heads', found[4])
        redis.call('hset', P .. ':busy', found[4], key)
        local newest = redis.call('hget', P .. ':newest', found[6] .. ':' .. found[4])
        local time = tonumber(found[5])
        if newest and time > 0 and time < tonumber(newest) then stale = 1 end
    end
    table.insert(claims, {key, fence, found[1], attempt, stale, found[2], found[3]})
end
return claims
"""
)

RENEW = (
    _BASE
    + """
for index = 2, #ARGV, 2 do
    if held(ARGV[index], ARGV[index + 1]) then
        redis.call('zadd', P .. ':running', time(now + ARGV[1]), ARGV[index])
    end
end
"""
)

END = (
    _BASE
    + """
if not held(ARGV[1], ARGV[2]) then return 0 end
finish(ARGV[1], ARGV[3], ARGV[4])
return 1
"""
)

# The commands of the effects, each after the number of its parts, and the end of the event. Redis takes nothing back,
# so the first command that it refuses ends it: as long as none was carried out, as if nothing had been asked; after
# that, with the dead letters, in the same stroke. So no crash leaves half of the effects and an event that is done.
COMPLETE = (
    _BASE
    + """
local key = ARGV[1]
if not held(key, ARGV[2]) then return {0, ''} end
local index = 3
while index <= #ARGV do
    local last = index + tonumber(ARGV[index])
    local ran, answer = pcall(function() return redis.pcall(unpack(ARGV, index + 1, last)) end)
    local refusal = nil
    if not ran then refusal = answer elseif type(answer) == 'table' then refusal = answer.err end
    if refusal then
        if type(refusal) == 'table' then refusal = refusal.err end
        if index == 3 then return {-1, tostring(refusal)} end
        finish(key, 'dead', 'ResponseError of an effect')
        return {-2, ''}
    end
    index = last + 1
end
finish(key, 'done', '')
return {1, ''}
"""
)

RETRY = (
    _BASE
    + """
if not held(ARGV[1], ARGV[2]) then return 0 end
redis.call('hset', path(ARGV[1]), 'error', ARGV[4])
wait(ARGV[1], now + ARGV[3])
return 1
"""
)

RELEASE = (
    _BASE
    + """
for index = 1, #ARGV, 2 do
    if held(ARGV[index], ARGV[index + 1]) then
        redis.call('hincrby', path(ARGV[index]), 'attempt', -1)
        wait(ARGV[index], now)
    end
end
"""
)

NEWEST = (
    _BASE
    + """
local handled = redis.call('hget', P .. ':newest', ':' .. ARGV[1])
local waiting = redis.call('zrevrange', P .. ':line:' .. ARGV[1], 0, 0, 'WITHSCORES')[2]
if handled and waiting and tonumber(handled) > tonumber(waiting) then return handled end
return waiting or handled
"""
)

DEAD_LETTERS = (
    _BASE
    + """
local letters = {}
for _, key in ipairs(redis.call('zrevrange', P .. ':dead', 0, ARGV[1] - 1)) do
    local names = {'type', 'shop_id', 'attempt', 'error', 'received_at', 'ended_at', 'body'}
    table.insert(letters, {key, unpack(redis.call('hmget', path(key), unpack(names)))})
end
return letters
"""
)

REPLAY = (
    _BASE
    + """
local key = ARGV[1]
if redis.call('zrem', P .. ':dead', key) + redis.call('zrem', P .. ':done', key) == 0 then return 0 end
redis.call('hset', path(key), 'attempt', 0, 'replayed', 1, 'error', '')
redis.call('incr', P .. ':open')
wait(key, now)
return 1
"""
)

PURGE = (
    _BASE
    + """
local forgotten = 0
local before = '(' .. time(now - ARGV[1])
for _, state in ipairs({'done', 'dead'}) do
    for _, key in ipairs(redis.call('zrangebyscore', P .. ':' .. state, '-inf', before, 'LIMIT', 0, 500)) do
        redis.call('zrem', P .. ':' .. state, key)
        forgotten = forgotten + redis.call('del', path(key))
    end
end
for _, name in ipairs(redis.call('zrangebyscore', P .. ':handled', '-inf', before, 'LIMIT', 0, 2000)) do
    redis.call('zrem', P .. ':handled', name)
    redis.call('hdel', P .. ':newest', name)
end
return forgotten
"""
)

COUNTS = (
    _BASE
    + """
local running = redis.call('zcount', P .. ':running', '(' .. time(now), '+inf')
local open = tonumber(redis.call('get', P .. ':open') or 0)
return {open - running, running, redis.call('zcard', P .. ':done'), redis.call('zcard', P .. ':dead')}
"""
)
