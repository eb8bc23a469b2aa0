SELECT mark FROM mark WHERE id = 1
